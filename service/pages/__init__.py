"""The pages: what people see in a browser, made on the server from the same routes and stores as the API."""
