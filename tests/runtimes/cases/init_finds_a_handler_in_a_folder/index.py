# the function is in src/app.py
