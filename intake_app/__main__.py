"""``python -m intake_app`` starts the production server."""

from intake_app.serve import main

if __name__ == "__main__":
    main()
