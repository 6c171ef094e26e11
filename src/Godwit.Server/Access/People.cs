using Godwit.Transfers.Record.Access;

namespace Godwit.Server.Access;

/// <summary>Somebody who proves by a certificate who he is, and what he may do.</summary>
/// <param name="Name">The certificate's name, as <see cref="Tls.GridName"/> writes it.</param>
/// <param name="Subject">Whom it stands for.</param>
/// <param name="Project">For which project; empty for none.</param>
/// <param name="Roles">What he may do.</param>
public sealed record Person(string Name, string Subject, string Project, TokenRoles Roles);

/// <summary>Everybody whose certificates count.</summary>
public sealed class People
{
    private volatile IReadOnlyDictionary<string, Person> _known = new Dictionary<string, Person>();

    /// <summary>Knows these from now on, and nobody else. Of one name, the first counts.</summary>
    public void Set(IEnumerable<Person> people) => _known = people.DistinctBy(person => person.Name).ToDictionary(person => person.Name, StringComparer.Ordinal);

    /// <summary>Whose a name is; null for nobody's.</summary>
    public Person? Of(string name) => _known.GetValueOrDefault(name);
}
