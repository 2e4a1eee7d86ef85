"""What decides which synapses regrow: one module each, with a function ``scores``; its name is the choice."""
