import Configuration
import Gateway

/// A JSON file of settings: an object that has a text, a number or a truth under each name.
enum SettingsFile {
    enum Fault: WrongSetting, Equatable {
        case unreadable(String)
        case malformed(path: String, JSONError)
        /// JSON, and no object.
        case noObject(path: String)
        case unknown(path: String, name: String)
        case otherValue(path: String, name: String)

        var description: String {
            switch self {
            case .unreadable(let reason): reason
            case .malformed(let path, let error): "\(path) is no JSON at byte \(error.offset): \(error.reason.rawValue)"
            case .noObject(let path): "\(path) is no JSON object of settings."
            case .unknown(let path, let name):
                "\(path) has \"\(name)\", which is no setting. See 'cloudretail serve --help'."
            case .otherValue(let path, let name):
                "\(path) has \"\(name)\" with a value that is no text, number or truth."
            }
        }
    }

    /// - Returns: the text of each setting.
    static func read(_ path: String, names: Set<String>) throws(Fault) -> [String: String] {
        let text: String
        do throws(TextFile.Unreadable) { text = try TextFile.read(path) } catch { throw .unreadable("\(error)") }
        let document: JSONDocument
        do throws(JSONError) { document = try JSONDocument(Array(text.utf8), limits: limits) } catch {
            throw .malformed(path: path, error)
        }
        guard let members = document.root.members else { throw .noObject(path: path) }
        var settings: [String: String] = [:]
        for (name, value) in members {
            guard names.contains(name) else { throw .unknown(path: path, name: name) }
            guard let text = value.string ?? value.numberText ?? value.boolean.map({ $0 ? "on" : "off" }) else {
                throw .otherValue(path: path, name: name)
            }
            settings[name] = text
        }
        return settings
    }

    private static let limits: JSONLimits = {
        var limits = JSONLimits()
        limits.membersMax = 256
        return limits
    }()
}

extension InMemoryProvider {
    /// Settings by their names.
    init(_ name: String, _ settings: [String: String]) {
        let values = settings.map { name, text in
            (AbsoluteConfigKey(ConfigKey(name)), ConfigValue(.string(text), isSecret: false))
        }
        self.init(name: name, values: Dictionary(uniqueKeysWithValues: values))
    }
}
