import Foundation

/// Where scripts are found.
enum ScriptFolder {
    static var isNamed: Bool { named != nil }
    private static var named: String? { ProcessInfo.processInfo.environment["RAFT_TRACES"] }

    /// Scripts of etcd-io/raft: `RAFT_TRACES`, or else `../shared/raft-traces` beside the package, where that exists.
    static var traces: [String] {
        if let folder = named { return scripts(in: folder) }
        let shared = packages.map { $0.appendingPathComponent("../shared/raft-traces").path }
        return shared.first { FileManager.default.fileExists(atPath: $0) }.map(scripts(in:)) ?? []
    }

    /// Our own.
    static var own: [String] {
        scripts(in: URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Scripts").path)
    }

    /// The packages that this file belongs to, by its path and by where the path really leads.
    private static var packages: [URL] {
        let file = URL(fileURLWithPath: #filePath)
        return [file, file.resolvingSymlinksInPath()].compactMap { file in
            var folder = file
            while folder.path != "/" {
                folder.deleteLastPathComponent()
                let manifest = folder.appendingPathComponent("Package.swift")
                if FileManager.default.fileExists(atPath: manifest.path) { return folder }
            }
            return nil
        }
    }

    private static func scripts(in folder: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        let paths = names.filter { $0.hasSuffix(".txt") }.sorted().map { folder + "/" + $0 }
        // A text without a separator is no script.
        return paths.filter { (try? String(contentsOfFile: $0, encoding: .utf8))?.contains("\n----") ?? false }
    }
}
