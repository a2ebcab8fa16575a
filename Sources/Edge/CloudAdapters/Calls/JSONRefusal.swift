import Foundation

/// A refusal of the services that speak JSON.
struct JSONRefusal: Decodable {
    let code: String?
    let message: String?

    private enum Keys: String, CodingKey {
        case type = "__type"
        case message
        case capitalMessage = "Message"
    }

    init?(_ text: String) {
        guard text.hasPrefix("{"), let read = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else {
            return nil
        }
        self = read
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Keys.self)
        code = try fields.decodeIfPresent(String.self, forKey: .type)
        message =
            try fields.decodeIfPresent(String.self, forKey: .message)
            ?? fields.decodeIfPresent(String.self, forKey: .capitalMessage)
    }
}
