import CloudTesting
import EventSourcing
import Foundation
import Testing

@testable import CloudAdapters

@Suite("Secrets Manager", .timeLimit(.minutes(10))) struct SecretsManagerTests {
    private func value(_ text: String, at cloud: CloudServer) async throws -> String {
        let reference = try #require(SecretReference(text))
        let settings = try CloudSettings(.secretsManager, environment: await cloud.environment)
        return try await SecretsManager.with(settings, policy: .hasty, clock: { .present }) { manager in
            let value = try await manager.secret(reference.name).value(of: reference)
            return String(decoding: value, as: UTF8.self)
        }
    }

    @Test("gives the current version of a secret, as a whole or a value of it, through faults")
    func values() async throws {
        let folder = try TestFolder()
        let cloud = try await CloudServer(in: folder.url)
        try await cloud.put(secret: "shop/tls", ["key": "a\n\"b\"", "certificate": "c"])
        try await cloud.put(secret: "plain", "as it is\n")
        #expect(try await value("secretsmanager:shop/tls#key", at: cloud) == "a\n\"b\"")
        #expect(try await value("secretsmanager:plain", at: cloud) == "as it is\n")
        try await cloud.put(secret: "plain", "another")
        try await cloud.set([.unavailable: 0.3, .throttled: 0.3])
        for _ in 0..<5 { #expect(try await value("secretsmanager:plain", at: cloud) == "another") }
        try await cloud.set([:])
        for missing in ["secretsmanager:plain#key", "secretsmanager:shop/tls#absent"] {
            await #expect(throws: CloudFailure.noSuchValue(try #require(SecretReference(missing)))) {
                try await value(missing, at: cloud)
            }
        }
        do {
            _ = try await value("secretsmanager:never", at: cloud)
            Issue.record("there is no such secret")
        } catch {
            // AWS answers 400, moto 404.
            #expect("\(error)".hasPrefix("the service answered 40"), "\(error)")
            #expect("\(error)".contains(" ResourceNotFoundException"), "\(error)")
        }
        try await cloud.stop()
    }

    @Test("is named in settings by a secret and a key")
    func references() throws {
        let whole = try #require(SecretReference("secretsmanager:a/b"))
        #expect(whole.name == "a/b" && whole.key == nil)
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/tls-AbCdEf"
        let value = try #require(SecretReference("secretsmanager:\(arn)#tls key#1"))
        #expect(value.name == arn && value.key == "tls key#1" && value.description == "secretsmanager:\(arn)#tls key#1")
        for text in ["/etc/key", "secretsmanager:", "secretsmanager:#key", "secretsmanager:a#", "secretsmanager:a b"] {
            #expect(SecretReference(text) == nil, "\(text)")
        }
    }

    @Test("is told of by no text that a program makes")
    func privacy() {
        let content = SecretContent(bytes: Array("hunter2".utf8))
        #expect(!"\(content)".contains("hunter2") && !String(reflecting: content).contains("hunter2"))
        var dumped = ""
        dump(content, to: &dumped)
        #expect(!dumped.contains("hunter2") && !dumped.contains("104"))
    }
}
