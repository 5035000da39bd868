session = "a cookie"
