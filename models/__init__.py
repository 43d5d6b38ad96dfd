"""The vocabulary of a call and the learned models that speak it; knows no other package of ours."""
