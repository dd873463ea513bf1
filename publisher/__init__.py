"""From content/ to site/: load, check, resolve, render, print, write."""
