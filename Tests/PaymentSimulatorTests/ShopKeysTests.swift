import Foundation
import Testing

@testable import payment_simulator

@Suite("The keys of a shop") struct ShopKeysTests {
    private func keys(_ text: String) throws -> ShopKeys {
        let file = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        try #require(
            FileManager.default.createFile(
                atPath: file, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]))
        return try ShopKeys(file: file)
    }

    @Test("are one, or two while it is replaced, and nothing else is taken")
    func proofs() throws {
        let one = try keys("first\n")
        #expect(one.areProven(by: "Bearer first") && !one.areProven(by: "Bearer second"))
        let two = try keys("first\nsecond")
        #expect(two.areProven(by: "Bearer first") && two.areProven(by: "Bearer second"))
        for other in ["", "Bearer ", "first", "Bearer first\nsecond", "Bearer firs"] {
            #expect(!two.areProven(by: other), "\(other)")
        }
        for malformed in ["", "\n", "a\n\n", "a\nb\nc", "a b"] {
            #expect(throws: ShopKeys.Failure.self, "\(malformed)") { try keys(malformed) }
        }
    }
}
