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

    /// Reads the Swift files below `folders`, every script of `tools`, and what stands beside them.
    init(_ folders: String...) throws {
        var paths: [String] = []
        for name in folders {
            let url = Self.folder.appending(path: name)
            guard let found = FileManager.default.enumerator(atPath: url.path) else { continue }
            for case let path as String in found where path.hasSuffix(".swift") { paths.append("\(name)/\(path)") }
            if name == "tools" {
                paths += try FileManager.default.contentsOfDirectory(atPath: url.path).map { "tools/\($0)" }
            }
        }
        paths.append("Package.swift")
        files = try paths.sorted().map { path in
            let text = try String(contentsOf: Self.folder.appending(path: path), encoding: .utf8)
            return File(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
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
