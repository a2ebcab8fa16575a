#if os(Linux)
import Foundation
import Testing

@testable import Storage

@Suite("A commit that failed") struct FailedCommitTests {
    @Test("is what everyone is told who reads or writes behind it")
    func toldToAll() throws {
        let directory = TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.path, withIntermediateDirectories: true)
        let environment = try LMDBEnvironment(path: directory.path)
        defer { environment.close() }
        func put() throws(StorageError) {
            try environment.write { transaction throws(StorageError) in
                try transaction.put([1], in: .state, forKey: [1])
            }
        }
        func read() throws(StorageError) {
            try environment.read { transaction throws(StorageError) in
                _ = try transaction.value(in: .state, forKey: [1])
            }
        }
        // The second time a reader is used again.
        try put()
        try read()
        try failMetaPages(of: directory)
        let failure = StorageError.system(
            operation: "commit", code: ENOSPC, message: String(cString: strerror(ENOSPC)))
        for _ in 1...2 {
            #expect(throws: failure) { try put() }
            #expect(throws: failure) { try read() }
        }
    }

    /// From now on LMDB can write pages, and not the one that says which of them count: it keeps a file descriptor of
    /// its own for that, which flushes each write.
    private func failMetaPages(of directory: TemporaryDirectory) throws {
        let path = URL(filePath: directory.databasePath).resolvingSymlinksInPath().path
        let full = open("/dev/full", O_RDWR)
        try #require(full >= 0)
        defer { close(full) }
        var replaced = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            guard let number = Int32(name), fcntl(number, F_GETFL) & O_DSYNC != 0,
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(name)"),
                target == path
            else { continue }
            try #require(dup2(full, number) == number)
            replaced += 1
        }
        try #require(replaced == 1)
    }
}
#endif
