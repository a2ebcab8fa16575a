import Foundation

/// The project's own text: what people wrote and people read.
struct Project {
    struct File {
        /// From the project's folder on.
        let path: String
        let lines: [Substring]
    }

    struct Line: CustomStringConvertible {
        let path: String
        /// From one.
        let number: Int
        let text: Substring
        var description: String { "\(path):\(number): \(text.trimmingPrefix(while: \.isWhitespace))" }
    }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    let files: [File]

    /// Reads the Swift files below `folders`, every script and manifest of `tools`, and what stands beside them.
    init(_ folders: String...) throws {
        var paths: [String] = []
        for name in folders {
            let url = Self.folder.appending(path: name)
            guard let found = FileManager.default.enumerator(atPath: url.path) else { continue }
            for case let path as String in found where Self.isRead(path, in: url) { paths.append("\(name)/\(path)") }
        }
        paths.append("Package.swift")
        files = try paths.sorted().map { path in
            let text = try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
            return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    /// Swift files anywhere; of `tools` whatever is no page and no data.
    private static func isRead(_ path: String, in folder: URL) -> Bool {
        guard folder.lastPathComponent == "tools" else { return path.hasSuffix(".swift") }
        let isFile = try? folder.appending(path: path).resourceValues(forKeys: [.isRegularFileKey]).isRegularFile
        return isFile == true && ![".md", ".json", ".pyc"].contains { path.hasSuffix($0) }
    }

    var lines: [Line] {
        files.flatMap { file in
            file.lines.enumerated().map { Line(path: file.path, number: $0 + 1, text: $1) }
        }
    }

    func text(of path: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
    }
}
