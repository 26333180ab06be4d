"""LAVA server in an instance: the settings and entry points that keep it inside its own directory tree."""
