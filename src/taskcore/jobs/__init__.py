"""Work in the background: jobs, which are kept with what they are for, and whoever runs them."""
