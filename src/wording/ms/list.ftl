### The work list.
