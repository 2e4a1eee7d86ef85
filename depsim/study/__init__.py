"""Studies: runs read back from MLflow, and what they say. Nothing here needs the code that computed them."""
