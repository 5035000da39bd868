from .session import *
