"""``python -m intake_app`` starts the production server."""

import gc

if __name__ == "__main__":
    gc.disable()  # what is loaded at the start stays; each worker turns it on when it is ready
    from intake_app.serve import main

    main()
