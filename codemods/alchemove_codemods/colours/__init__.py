"""Which function becomes a coroutine and which stays sync: decided once for the whole program."""
