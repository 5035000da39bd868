import unittest

from cases import TestUsers, Worker
from models import User


def main():
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(TestUsers).run(result)
    case = TestUsers("test_names")
    case.setUp()
    worker = Worker(case.session)
    worker.run()
    return [result.testsRun, [text for _, text in result.errors + result.failures], worker.found]
