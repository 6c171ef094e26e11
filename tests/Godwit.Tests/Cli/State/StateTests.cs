using System.Runtime.Versioning;
using Godwit.Cli.State;
using Godwit.Transfers.Record;

namespace Godwit.Tests.Cli.State;

public sealed class StateTests : IDisposable
{
    private const string Outermost = "pid:[4026531836]";

    private readonly string _place = Directory.CreateTempSubdirectory("godwit-state-").FullName;

    public void Dispose() => Directory.Delete(_place, true);

    [Fact]
    public void The_state_is_where_the_option_says_then_the_environment_then_home()
    {
        var environment = new Dictionary<string, string> { ["HOME"] = "/home/ada" };
        Assert.Equal("/home/ada/.local/state/godwit", StateDirectory.Choose(null, environment.GetValueOrDefault));
        environment["XDG_STATE_HOME"] = "not/whole";
        Assert.Equal("/home/ada/.local/state/godwit", StateDirectory.Choose(null, environment.GetValueOrDefault));
        environment["XDG_STATE_HOME"] = "/var/state";
        Assert.Equal("/var/state/godwit", StateDirectory.Choose(null, environment.GetValueOrDefault));
        Assert.Equal("/else", StateDirectory.Choose("/else", environment.GetValueOrDefault));
        Assert.Throws<LedgerException>(() => StateDirectory.Choose(null, _ => null));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void The_state_is_made_for_its_user_alone()
    {
        string made = StateDirectory.Make(Path.Combine(_place, "a/b"), _ => null);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(made));
        Assert.Equal(made, StateDirectory.Make(made, _ => null));
    }

    [Fact]
    public void A_state_that_cannot_be_made_names_the_remedy()
    {
        File.WriteAllText(Path.Combine(_place, "file"), "");
        var e = Assert.Throws<LedgerException>(() => StateDirectory.Make(Path.Combine(_place, "file/below"), _ => null));
        Assert.Contains("--state DIR", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void This_process_is_not_gone_and_one_that_never_was_is()
    {
        RunHolder own = LinuxRunHolder.Current();
        Assert.False(own.IsGone(own.Name));
        string[] fields = own.Name.Split(' ');
        fields[4] = "4194399";
        Assert.True(own.IsGone(string.Join(' ', fields)));
    }

    [Theory]
    [InlineData("Z", 1, true)]
    [InlineData("Z", 2, false)]
    [InlineData("S", 1, false)]
    public void A_process_that_nobody_has_buried_is_gone_once_all_of_it_ended(string state, int threads, bool gone)
    {
        LinuxRunHolder own = Holder("host", "m", "boot1", Outermost, 10);
        Process(11, "500", state, threads);
        Assert.Equal((gone, !gone), (own.IsGone(Name(11, "500")), own.IsAlive(Name(11, "500"))));
    }

    [Fact]
    public void A_process_is_known_by_its_number_and_its_start()
    {
        LinuxRunHolder own = Holder("host", "m", "boot1", Outermost, 10);
        Process(11, "500");
        Assert.True(own.IsAlive(Name(11, "500")));
        Assert.False(own.IsGone(Name(11, "500")));
        Assert.True(own.IsGone(Name(11, "499")));
        Assert.False(own.IsAlive(Name(11, "499")));
        Assert.True(own.IsGone(Name(12, "1")));
        Assert.False(own.IsAlive(own.ToHolder().Name));
    }

    [Fact]
    public void A_host_that_was_started_again_has_lost_its_processes()
    {
        LinuxRunHolder own = Holder("host", "m", "boot2", Outermost, 10);
        Assert.True(own.IsGone(Name(10, "77")));
    }

    [Theory]
    [InlineData("other", "m", "boot2", Outermost)]
    [InlineData("host", "other", "boot2", Outermost)]
    [InlineData("host", null, "boot2", Outermost)]
    [InlineData("host", "m", "boot2", "pid:[1]")]
    [InlineData("host", "m", "boot1", "pid:[1]")]
    public void Where_it_cannot_see_it_says_nothing(string host, string? machine, string boot, string space)
    {
        LinuxRunHolder own = Holder(host, machine, boot, space, 10);
        Assert.False(own.IsGone(Name(12, "1")));
        Assert.False(own.IsAlive(Name(12, "1")));
        Assert.False(own.IsGone("a name of another kind"));
    }

    [Fact]
    public void Where_processes_are_hidden_a_missing_one_is_not_gone()
    {
        LinuxRunHolder own = Holder("host", "m", "boot1", Outermost, 10);
        Directory.Delete(Path.Combine(_place, "1"));
        Assert.False(own.IsGone(Name(12, "1")));
    }

    private static string Name(int process, string start) => $"host m boot1 {Outermost} {process} {start}";

    private LinuxRunHolder Holder(string host, string? machine, string boot, string space, int process)
    {
        Directory.CreateDirectory(Path.Combine(_place, "sys/kernel/random"));
        File.WriteAllText(Path.Combine(_place, "sys/kernel/random/boot_id"), boot + "\n");
        Directory.CreateDirectory(Path.Combine(_place, "self/ns"));
        File.CreateSymbolicLink(Path.Combine(_place, "self/ns/pid"), space);
        Directory.CreateDirectory(Path.Combine(_place, "1"));
        Process(process, "77");
        return new LinuxRunHolder(host, machine, _place, process);
    }

    private void Process(int number, string start, string state = "S", int threads = 20)
    {
        string directory = Directory.CreateDirectory(Path.Combine(_place, $"{number}")).FullName;
        string between = $"{state} {string.Join(' ', Enumerable.Range(4, 16))} {threads} 21";
        File.WriteAllText(Path.Combine(directory, "stat"), $"{number} (odd) name) {between} {start} 23 24\n");
    }
}
