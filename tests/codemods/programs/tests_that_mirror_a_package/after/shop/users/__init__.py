from .models import *  # NOQA
from .queries import *  # NOQA
