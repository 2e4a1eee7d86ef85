"""The paper that is extended: what it published, its claims, and the questions that they answer."""
