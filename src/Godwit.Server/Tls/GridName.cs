using System.Text;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;

namespace Godwit.Server.Tls;

/// <summary>Names of certificates as grids write them, with a slash before each part: <c>/DC=org/DC=terena/CN=Alice</c>.</summary>
public static partial class GridName
{
    private static readonly IReadOnlyDictionary<DerObjectIdentifier, string> s_words = new Dictionary<DerObjectIdentifier, string>
    {
        [X509Name.C] = "C",
        [X509Name.O] = "O",
        [X509Name.OU] = "OU",
        [X509Name.CN] = "CN",
        [X509Name.L] = "L",
        [X509Name.ST] = "ST",
        [X509Name.DC] = "DC",
        [X509Name.UID] = "UID",
        [X509Name.EmailAddress] = "emailAddress",
        [X509Name.SerialNumber] = "serialNumber",
        [X509Name.Surname] = "SN",
        [X509Name.GivenName] = "GN",
        [X509Name.T] = "title",
    };

    /// <summary>A name as it is compared: the words of older tools for the same part (<c>Email</c>, <c>E</c>, <c>USERID</c>) are those of today.</summary>
    /// <exception cref="FormatException">It is no such name.</exception>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Name().IsMatch(text)
            ? OldUser().Replace(OldMail().Replace(text, "/emailAddress="), "/UID=")
            : throw new FormatException("write the name of a certificate with a slash before each part, such as /DC=org/CN=Alice");
    }

    /// <summary>The name of a certificate; null where one of its parts could be taken for several.</summary>
    internal static string? Of(X509Name name)
    {
        var text = new StringBuilder();
        IList<DerObjectIdentifier> kinds = name.GetOidList();
        IList<string> values = name.GetValueList();
        for (int at = 0; at < kinds.Count; at++)
        {
            if (Part().IsMatch(values[at]))
            {
                return null;
            }

            text.Append('/').Append(s_words.TryGetValue(kinds[at], out string? word) ? word : kinds[at].Id).Append('=').Append(values[at]);
        }

        return text.ToString();
    }

    [GeneratedRegex(@"^(/[A-Za-z0-9.]+=[^\p{Cc}]*)+\z")]
    private static partial Regex Name();

    [GeneratedRegex("/(Email|E|EMAILADDRESS)=")]
    private static partial Regex OldMail();

    [GeneratedRegex("/USERID=")]
    private static partial Regex OldUser();

    [GeneratedRegex(@"/[A-Za-z0-9.]+=|\p{Cc}")]
    private static partial Regex Part();
}
