### The activity page: what came in, what is stuck, what was done.
