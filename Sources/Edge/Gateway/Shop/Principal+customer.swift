import Commerce
import EventSourcing

extension Principal {
    /// Who asks, as a customer: staff have an account too.
    ///
    /// - Throws: a token that we signed always names one; another is not valid here.
    var customerID: CustomerID {
        get throws(Problem) {
            guard let id = CustomerID(subject) else { throw Problem(.invalidToken) }
            return id
        }
    }

    /// Who asks, as records of the log name it.
    var actor: ActorID {
        get throws(Problem) { ActorID(try customerID) }
    }
}
