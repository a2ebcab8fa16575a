import ProcessTesting

typealias ChildProcess = ProcessTesting.ChildProcess
