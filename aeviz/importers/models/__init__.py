"""Strangers' models: readers of the forms they come in, the networks those need, and `answers`, what is said of one."""
