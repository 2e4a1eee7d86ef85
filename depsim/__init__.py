"""depsim."""
