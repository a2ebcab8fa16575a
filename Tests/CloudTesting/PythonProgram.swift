import Foundation
import ProcessTesting

/// A script of these tests that runs the vendor's own libraries, each at a version that has been seen to pass.
public enum PythonProgram {
    private static let packages = [
        "botocore==1.43.11", "moto[s3,events,secretsmanager,server]==5.2.1", "standardwebhooks==1.1.0",
        "cloudevents==2.2.0",
    ]
    private static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Starts `Tests/CloudTesting/Python/NAME`, after what it needs has been installed.
    ///
    /// - Parameter folder: where its output goes.
    public static func start(_ name: String, _ arguments: [String], in folder: URL) async throws -> ChildProcess {
        try await ChildProcess.run(
            project.appending(path: "tools/install-python").path, packages, in: folder)
        let script = project.appending(path: "Tests/CloudTesting/Python/\(name)").path
        let python = project.appending(path: ".build-venv/bin/python").path
        return try ChildProcess(
            python, [script] + arguments, in: folder, environment: ["PYTHONDONTWRITEBYTECODE": "1"])
    }
}
