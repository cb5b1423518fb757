"""What is reached by plain HTTP: the REST interface, the pages, pictures, health and metrics."""
