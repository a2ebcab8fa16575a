import Foundation
import Testing

@testable import cloudretail

@Suite("The command of certificates")
struct CertificatesCommandTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "certificates-\(UUID())").path

    private func run(_ arguments: String...) throws {
        var command = try CloudRetail.parseAsRoot(["certificates"] + arguments)
        try command.run()
    }

    private func certificate(ofNode node: UInt64) throws -> String {
        try String(contentsOfFile: "\(directory)/node-\(node).pem", encoding: .utf8)
    }

    @Test("makes them for the nodes that it is given, and renews them")
    func nodes() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try run("create", "--base-dir", directory, "--nodes", "1,12")
        let first = try certificate(ofNode: 12)
        try run("create", "--base-dir", directory, "--nodes", "12")
        #expect(try certificate(ofNode: 12) == first)
        try run("renew", "--base-dir", directory, "--nodes", "12", "--valid-days", "10")
        let renewed = try certificate(ofNode: 12)
        #expect(renewed != first)
        #expect(throws: (any Error).self) { try run("renew", "--base-dir", directory, "--nodes", "12,99") }
        #expect(try certificate(ofNode: 12) == renewed)
        #expect(!FileManager.default.fileExists(atPath: "\(directory)/node-99-key.pem"))
    }

    @Test("refuses what is no list of nodes, and makes nothing", arguments: ["", "0", "1,,2", "1, 2", "node-1"])
    func refusals(nodes: String) {
        #expect(throws: (any Error).self) { try run("create", "--base-dir", directory, "--nodes", nodes) }
        #expect(!FileManager.default.fileExists(atPath: directory))
    }
}
