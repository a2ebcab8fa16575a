import Foundation
import Gateway

/// Where a node has what it fetched of secrets, each as a file that its owner alone may read.
///
/// All of them are replaced at once: they are written into a folder of their own, which the link `current` then names.
struct SecretFolder: Sendable, Equatable {
    let path: String

    private var link: String { path + "/current" }

    /// What could not be done. It shows nothing of what is in the files.
    struct Failure: Error, CustomStringConvertible {
        let operation: String
        let path: String
        let code: Int32

        var description: String { "\(operation) \(path): \(String(cString: strerror(code)))" }
    }

    func path(of name: String) -> String { "\(link)/\(name)" }

    /// Writes files in place of all that are there.
    ///
    /// - Parameter contents: by the files' names.
    func replace(with contents: [String: [UInt8]]) throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let next = UUID().uuidString
        let folder = "\(path)/\(next)"
        guard mkdir(folder, 0o700) == 0 else { throw failure("create", folder) }
        for (name, bytes) in contents { try SecretFile.create("\(folder)/\(name)", bytes) }
        let draft = link + ".new"
        unlink(draft)
        guard symlink(next, draft) == 0 else { throw failure("link", draft) }
        guard rename(draft, link) == 0 else { throw failure("rename", draft) }
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where name != next && name != "current" {
            try FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
    }

    private func failure(_ operation: String, _ path: String) -> Failure {
        Failure(operation: operation, path: path, code: errno)
    }
}
