"""A turn's cost through our launcher, against Rasa as it is published."""
