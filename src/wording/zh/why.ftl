### The sum that led to a quantity.
