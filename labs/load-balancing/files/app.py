# An application server that says who it is, as in the original lab:  python3 app.py 8080
# It needs Flask (pip install flask). `lab serve 8080` does the same without.
import sys

from flask import Flask, request

app = Flask(__name__)
port = int(sys.argv[1])


@app.route("/")
def hello():
    print(request.headers)  # so that you see in this terminal who asked, and how
    return f"Hi!! from server {port}"


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=port)
