using Godwit.Backends.Sftp;
using Godwit.Backends.Sftp.Ssh;
using Godwit.Storage;

namespace Godwit.Tests.Backends.Sftp;

/// <summary>What ssh is told, and what its words mean.</summary>
public sealed class SshTests
{
    private static readonly SftpOptions s_options = new() { Server = new SftpServer("host", "me", 2222), Command = ["ssh", "-F", "file"] };

    [Fact]
    public void The_host_stands_behind_two_dashes_and_what_was_named_comes_first()
    {
        IReadOnlyList<string> arguments = SshArguments.For(s_options);
        Assert.Equal(["-F", "file"], arguments.Take(2));
        Assert.Equal(["-l", "me", "-p", "2222", "-s", "--", "host", "sftp"], arguments.TakeLast(8));
        Assert.Contains("BatchMode=yes", arguments);
    }

    [Fact]
    public void With_a_password_ssh_asks_once_and_never_about_a_host()
    {
        IReadOnlyList<string> arguments = SshArguments.For(s_options with { Password = () => "secret" });
        Assert.DoesNotContain("BatchMode=yes", arguments);
        Assert.Contains("NumberOfPasswordPrompts=1", arguments);
        Assert.Contains("StrictHostKeyChecking=yes", arguments);
        Assert.DoesNotContain("secret", arguments);
    }

    [Theory]
    [InlineData("ssh: connect to host h port 22: Connection refused", StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData("ssh: Could not resolve hostname h: Name or service not known", StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData("me@h: Permission denied (publickey,password).", StoreErrorKind.Unauthenticated, NextStep.GiveUp)]
    [InlineData("No ED25519 host key is known for h; Host key verification failed.", StoreErrorKind.Unauthenticated, NextStep.GiveUp)]
    [InlineData("kex_exchange_identification: Connection closed by remote host; Connection closed by 1.2.3.4 port 22", StoreErrorKind.RateLimited, NextStep.RepeatCallLater)]
    [InlineData("subsystem request failed on channel 0", StoreErrorKind.Unsupported, NextStep.GiveUp)]
    [InlineData("", StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    public void Words_of_ssh_have_a_kind_and_a_next_step_and_reach_the_user(string words, StoreErrorKind kind, NextStep next)
    {
        StoreException e = SshErrors.NotConnected(s_options.Server, words);
        Assert.Equal((kind, next), (e.Kind, e.Next));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Host key verification failed.; Connection closed by UNKNOWN port 65535", "It ends on the way there", StoreErrorKind.Unauthenticated)]
    [InlineData("stdio forwarding failed; Connection closed by UNKNOWN port 65535", "The jump host does not reach the server", StoreErrorKind.Unavailable)]
    [InlineData("open failed: administratively prohibited: x; stdio forwarding failed", "The jump host does not let through", StoreErrorKind.Unavailable)]
    [InlineData("Connection closed by UNKNOWN port 65535", "may have too many", StoreErrorKind.RateLimited)]
    public void What_went_wrong_at_a_jump_host_is_not_told_as_the_servers(string words, string says, StoreErrorKind kind)
    {
        StoreException e = SshErrors.NotConnected(s_options.Server, words);
        Assert.Equal(kind, e.Kind);
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ssh-keyscan", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ssh: connect to host h port 22: Connection refused", true)]
    [InlineData("kex_exchange_identification: Connection closed by remote host", true)]
    [InlineData("", true)]
    [InlineData("me@h: Permission denied (publickey).", false)]
    public void A_connection_that_does_not_come_about_is_no_answer(string words, bool nobody) =>
        Assert.Equal(nobody, SshErrors.NotConnected(s_options.Server, words).NobodyAnswered);

    [Fact]
    public void A_changed_key_is_never_answered_with_a_command_that_adds_one()
    {
        StoreException e = SshErrors.NotConnected(
            s_options.Server, "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @; Host key verification failed.");
        Assert.DoesNotContain("ssh-keyscan", e.Message, StringComparison.Ordinal);
        Assert.Contains("ssh-keygen -R '[host]:2222'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chacha20-poly1305@openssh.com,aes128-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com", "aes128-gcm@openssh.com,aes256-gcm@openssh.com,chacha20-poly1305@openssh.com,aes128-ctr")]
    [InlineData("aes128-gcm@openssh.com,aes128-ctr", null)]
    [InlineData("chacha20-poly1305@openssh.com,aes128-ctr", null)]
    public void Ciphers_that_a_processor_has_instructions_for_are_offered_first(string usual, string? order) =>
        Assert.Equal(order, SshCiphers.Order(usual, usual));

    [Theory]
    [InlineData("aes128-ctr", "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com")]
    [InlineData(null, "chacha20-poly1305@openssh.com,aes128-gcm@openssh.com")]
    [InlineData("chacha20-poly1305@openssh.com,aes128-gcm@openssh.com", null)]
    public void Ciphers_that_somebody_configured_are_left_alone(string? configured, string? usual) =>
        Assert.Null(SshCiphers.Order(configured, usual));
}
