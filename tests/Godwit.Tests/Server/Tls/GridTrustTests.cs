using System.Security.Cryptography.X509Certificates;
using System.Text;
using Godwit.Server.Tls;

namespace Godwit.Tests.Server.Tls;

public sealed class GridTrustTests : IDisposable
{
    private readonly TestAuthority _authority = new();
    private readonly GridTrust _trust = new();
    private readonly X509Certificate2 _alice;

    public GridTrustTests()
    {
        _alice = _authority.Issue("DC=org, O=Tests, CN=Alice");
        Assert.Empty(_trust.Use([_authority.AsFile]));
    }

    public void Dispose()
    {
        _alice.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public void A_certificate_of_a_trusted_authority_is_its_owners()
    {
        CheckedCertificate found = Check(_alice);
        Assert.Equal(("/DC=org/O=Tests/CN=Alice", null), (found.Subject, found.Fault));
        Assert.Equal(TestAuthority.Then.AddYears(1), found.NotAfter);
    }

    [Fact]
    public void A_proxy_and_the_proxy_of_a_proxy_are_their_owners_until_the_first_of_them_ends()
    {
        X509Certificate2 proxy = _authority.Proxy(_alice, notAfter: TestAuthority.Then.AddHours(3));
        X509Certificate2 further = _authority.Proxy(proxy, language: "1.3.6.1.4.1.3536.1.1.1.9", notAfter: TestAuthority.Then.AddHours(9));
        CheckedCertificate found = Check(further, _alice, proxy);
        Assert.Equal(("/DC=org/O=Tests/CN=Alice", null), (found.Subject, found.Fault));
        Assert.Equal(TestAuthority.Then.AddHours(3), found.NotAfter);
        Assert.Equal("/DC=org/O=Tests/CN=Alice", Check(proxy, _alice).Subject);
    }

    [Fact]
    public void What_is_wrong_with_a_proxy_is_told()
    {
        using X509Certificate2 bob = _authority.Issue("DC=org, O=Tests, CN=Bob");
        X509Certificate2 proxy = _authority.Proxy(_alice, length: 0);
        (X509Certificate2[] Shown, string Says)[] cases =
        [
            ([_authority.Proxy(_alice)], "was not shown with it"),
            ([_authority.Proxy(_alice), bob], "was not shown with it"),
            ([_authority.Proxy(_alice, notAfter: TestAuthority.Then.AddHours(-1)), _alice], "valid from"),
            ([_authority.Proxy(_authority.Proxy(_alice, notAfter: TestAuthority.Then.AddHours(-1))), _alice], "was not shown with it"),
            ([_authority.Proxy(proxy), proxy, _alice], "fewer further proxies"),
            ([_authority.Proxy(_alice, language: "1.3.6.1.5.5.7.21.2"), _alice], "all its owner's rights"),
            ([_authority.Proxy(_alice, name: "DC=org, O=Tests, CN=Bob, CN=1"), _alice], "owner's name and one more part"),
            ([_authority.Proxy(_alice, name: "DC=org, O=Tests, CN=Alice"), _alice], "owner's name and one more part"),
            ([_authority.Proxy(_alice, name: "DC=org, O=Tests, CN=Alice, O=1"), _alice], "owner's name and one more part"),
            ([_authority.Certificate], "an authority's"),
        ];
        foreach ((X509Certificate2[] shown, string says) in cases)
        {
            CheckedCertificate found = Check(shown);
            Assert.Null(found.Subject);
            Assert.Contains(says, found.Fault, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_proxy_that_an_authority_signed_itself_is_nobodys()
    {
        using X509Certificate2 own = _authority.Proxy(_authority.Certificate);
        Assert.Contains("an authority signed the proxy", Check(own, _authority.Certificate).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_the_same_name_from_another_authority_nothing_counts()
    {
        using var rogue = new TestAuthority();
        using X509Certificate2 alice = rogue.Issue("DC=org, O=Tests, CN=Alice");
        Assert.Contains("no authority that is trusted here", Check(alice).Fault, StringComparison.Ordinal);
        Assert.Contains("no authority that is trusted here", Check(alice, rogue.Certificate).Fault, StringComparison.Ordinal);
        Assert.Contains("no authority that is trusted here", Check(rogue.Proxy(alice), alice).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void What_has_expired_or_is_for_something_else_does_not_count()
    {
        using X509Certificate2 old = _authority.Issue("CN=Old", TestAuthority.Then.AddMinutes(-1));
        using X509Certificate2 server = _authority.Issue("CN=Server", usage: "1.3.6.1.5.5.7.3.1");
        Assert.Contains("valid from", Check(old).Fault, StringComparison.Ordinal);
        Assert.Contains("NotValidForUsage", Check(server).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_revoked_does_not_count_nor_anything_while_the_list_is_too_old()
    {
        using X509Certificate2 bob = _authority.Issue("DC=org, O=Tests, CN=Bob");
        _trust.Use([_authority.AsFile, _authority.Revoked(TestAuthority.Then.AddDays(1), _alice)]);
        Assert.Equal("it was revoked", Check(_alice).Fault);
        Assert.Equal("it was revoked", Check(_authority.Proxy(_alice), _alice).Fault);
        Assert.Null(Check(bob).Fault);
        _trust.Use([_authority.AsFile, _authority.Revoked(TestAuthority.Then.AddDays(-1))]);
        Assert.Contains("fetch-crl", Check(bob).Fault, StringComparison.Ordinal);
        using var rogue = new TestAuthority();
        _trust.Use([_authority.AsFile, rogue.Revoked(TestAuthority.Then.AddDays(1))]);
        Assert.Contains("not its own", Check(bob).Fault, StringComparison.Ordinal);
        byte[] pem = _authority.Revoked(TestAuthority.Then.AddDays(1), _alice).Item2;
        byte[] der = Convert.FromBase64String(string.Concat(Encoding.ASCII.GetString(pem).Split('\n')[1..^1]).Replace("-----END X509 CRL-----", "", StringComparison.Ordinal));
        Assert.Empty(_trust.Use([_authority.AsFile, ("1234abcd.r0", der)]));
        Assert.Equal("it was revoked", Check(_alice).Fault);
        Assert.Null(Check(bob).Fault);
    }

    [Theory]
    [InlineData("1234abcd.r0", "")]
    [InlineData("1234abcd.r0", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")]
    [InlineData("1234abcd.r1", "junk")]
    [InlineData("ffffffff.r0", "")]
    [InlineData("1234abcd.signing_policy", "junk")]
    [InlineData("1234abcd.signing_policy", "access_id_CA X509 nonsense\ncond_subjects globus '\"*\"'\n")]
    public void An_authority_whose_files_cannot_be_read_lets_nobody_in(string name, string content)
    {
        Assert.Contains(name, Assert.Single(_trust.Use([_authority.AsFile, (name, Encoding.ASCII.GetBytes(content))])), StringComparison.Ordinal);
        Assert.Contains("cannot be read here", Check(_alice).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void An_authority_with_another_key_under_its_old_name_has_a_list_for_each()
    {
        using var rekeyed = new TestAuthority();
        (string, byte[]) old = ("1234abcd.r1", rekeyed.Revoked(TestAuthority.Then.AddDays(1)).Item2);
        Assert.Empty(_trust.Use([_authority.AsFile, ("1234abcd.1", rekeyed.AsFile.Item2), _authority.Revoked(TestAuthority.Then.AddDays(1)), old]));
        Assert.Null(Check(_alice).Fault);
        _trust.Use([_authority.AsFile, ("1234abcd.1", rekeyed.AsFile.Item2), _authority.Revoked(TestAuthority.Then.AddDays(1), _alice), old]);
        Assert.Equal("it was revoked", Check(_alice).Fault);
    }

    [Fact]
    public void Weak_signatures_and_keys_that_cost_minutes_are_not_looked_at()
    {
        Assert.Contains("is not taken", Check(_authority.Certify("CN=Weak", 2_048, 65_537, isWeak: true)).Fault, StringComparison.Ordinal);
        X509Certificate2 huge = _authority.Certify("CN=Huge", 16_384, 65_537);
        X509Certificate2 slow = _authority.Certify("CN=Slow", 8_192, (System.Numerics.BigInteger.One << 8_000) + 1);
        Assert.Contains("size that is not taken", Check(huge).Fault, StringComparison.Ordinal);
        Assert.Contains("size that is not taken", Check(slow).Fault, StringComparison.Ordinal);
        Assert.Contains("size that is not taken", Check(_alice, huge).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_may_have_a_remark_behind_its_authority()
    {
        string policy = "access_id_CA X509 '/DC=org/CN=Authority'   # of the tests\ncond_subjects globus '\"/DC=org/O=Other/*\"'\n";
        Assert.Empty(_trust.Use([_authority.AsFile, ("1234abcd.signing_policy", Encoding.UTF8.GetBytes(policy))]));
        Assert.Contains("signing policy", Check(_alice).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/DC=org/O=Tests/*", true)]
    [InlineData("/DC=org/O=Tests/CN=Alice", true)]
    [InlineData("*", true)]
    [InlineData("/DC=org/O=Other/*", false)]
    [InlineData("/DC=org/O=Test", false)]
    public void An_authority_signs_what_its_policy_allows(string subjects, bool counts)
    {
        string policy = $"# EACL\naccess_id_CA  X509  '/DC=org/CN=Authority'\npos_rights globus CA:sign\ncond_subjects globus '\"/DC=org/O=Nobody/*\" \"{subjects}\"'\n";
        Assert.Empty(_trust.Use([_authority.AsFile, ("1234abcd.signing_policy", Encoding.UTF8.GetBytes(policy))]));
        CheckedCertificate found = Check(_alice);
        Assert.Equal(counts, found.Fault is null);
        Assert.Contains(counts ? "" : "signing policy", found.Fault ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_could_be_read_in_two_ways_does_not_count()
    {
        using X509Certificate2 sly = _authority.Issue("DC=org, CN=Eve/CN=Alice");
        using X509Certificate2 host = _authority.Issue("DC=org, CN=host/se.example.org");
        Assert.Contains("several ways", Check(sly).Fault, StringComparison.Ordinal);
        Assert.Equal("/DC=org/CN=host/se.example.org", Check(host).Subject);
    }

    [Fact]
    public void What_cannot_be_read_is_told_and_the_rest_counts()
    {
        IReadOnlyList<string> faults = _trust.Use([("a.0", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"u8.ToArray()), _authority.AsFile, ("readme", "x"u8.ToArray())]);
        Assert.Contains("\"a.0\" cannot be read", Assert.Single(faults), StringComparison.Ordinal);
        Assert.Equal(1, _trust.Count);
        Assert.Null(Check(_alice).Fault);
        Assert.NotNull(_trust.Check([[1, 2, 3]], TestAuthority.Then).Fault);
    }

    [Theory]
    [InlineData("/DC=org/CN=Alice", "/DC=org/CN=Alice")]
    [InlineData("/C=CH/Email=a@b/CN=x", "/C=CH/emailAddress=a@b/CN=x")]
    [InlineData("/C=CH/E=a@b", "/C=CH/emailAddress=a@b")]
    [InlineData("/USERID=u/CN=x", "/UID=u/CN=x")]
    public void Names_of_older_tools_are_the_same_names(string text, string same) => Assert.Equal(same, GridName.Of(text));

    [Theory]
    [InlineData("CN=Alice,DC=org")]
    [InlineData("alice")]
    [InlineData("")]
    [InlineData("/")]
    public void What_is_no_name_is_refused(string text) => Assert.Throws<FormatException>(() => GridName.Of(text));

    private CheckedCertificate Check(params X509Certificate2[] shown) => _trust.Check([.. shown.Select(one => one.RawData)], TestAuthority.Then);
}
