using System.Buffers.Binary;
using System.IO.Pipes;
using Godwit.Backends.Sftp.Wire;
using Godwit.Storage;

namespace Godwit.Tests.Backends.Sftp;

/// <summary>Requests and answers over a pair of pipes, with a server that the test plays.</summary>
public sealed class SftpChannelTests : IDisposable
{
    private readonly AnonymousPipeServerStream _toServer = new(PipeDirection.Out);
    private readonly AnonymousPipeServerStream _fromServer = new(PipeDirection.In);
    private readonly AnonymousPipeClientStream _serverReads;
    private readonly AnonymousPipeClientStream _serverWrites;
    private readonly SftpChannel _channel;
    private volatile bool _isEnded;

    public SftpChannelTests()
    {
        _serverReads = new AnonymousPipeClientStream(PipeDirection.In, _toServer.ClientSafePipeHandle);
        _serverWrites = new AnonymousPipeClientStream(PipeDirection.Out, _fromServer.ClientSafePipeHandle);
        _channel = new SftpChannel(
            _toServer, _fromServer, e => new StoreException(StoreErrorKind.Interrupted, $"lost: {e?.Message}"), () => _isEnded = true);
        _channel.Start("test");
    }

    public void Dispose()
    {
        _channel.Lose(null);
        _serverWrites.Dispose();
        _serverReads.Dispose();
        _toServer.Dispose();
        _fromServer.Dispose();
    }

    [Fact]
    public async Task Answers_reach_their_requests_in_any_order()
    {
        Task<Reply> first = Send(out uint one);
        Task<Reply> second = Send(out uint two);
        Answer(two, PacketType.Status, [0, 0, 0, 2]);
        Assert.Equal(StatusCode.NoSuchFile, (await second).Status);
        Assert.False(first.IsCompleted);
        Answer(one, PacketType.Status, [0, 0, 0, 0]);
        Assert.Equal(StatusCode.Ok, (await first).Status);
    }

    [Fact]
    public void What_ended_before_it_was_greeted_is_heard_out()
    {
        using var toServer = new AnonymousPipeServerStream(PipeDirection.Out);
        toServer.ClientSafePipeHandle.Dispose();
        using var fromServer = new MemoryStream("Welcome to the machine"u8.ToArray());
        var channel = new SftpChannel(toServer, fromServer, _ => new StoreException(StoreErrorKind.Interrupted, "lost"), () => { });
        Assert.Contains("Welcome", Assert.Throws<InvalidDataException>(channel.Greet).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Content_goes_straight_where_it_was_wanted()
    {
        var wanted = new byte[8];
        Task<Reply> answer = Send(out uint number, wanted);
        Answer(number, PacketType.Data, [0, 0, 0, 3, 1, 2, 3]);
        Assert.Equal(3, (await answer).Count);
        Assert.Equal([1, 2, 3, 0, 0, 0, 0, 0], wanted);
    }

    [Theory]
    [InlineData(new byte[] { 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9 })]
    [InlineData(new byte[] { 0, 0, 0, 5, 1 })]
    public async Task More_content_than_was_asked_for_breaks_the_connection_off(byte[] body)
    {
        var wanted = new byte[8];
        Task<Reply> answer = Send(out uint number, wanted);
        Task<Reply> other = Send(out uint _);
        Answer(number, PacketType.Data, body);
        await Assert.ThrowsAsync<StoreException>(() => answer);
        await Assert.ThrowsAsync<StoreException>(() => other);
        Assert.True(_channel.IsLost);
        await Assert.ThrowsAsync<StoreException>(() => _channel.SendAsync(new PacketBuilder(PacketType.Stat)));
    }

    [Fact]
    public async Task An_answer_that_nobody_asked_for_breaks_the_connection_off()
    {
        Task<Reply> answer = Send(out uint number);
        Answer(number + 1, PacketType.Status, [0, 0, 0, 0]);
        await Assert.ThrowsAsync<StoreException>(() => answer);
    }

    [Fact]
    public async Task After_garbage_nothing_is_sent_from_memory_that_its_owner_has_back()
    {
        byte[] content = Enumerable.Repeat((byte)1, 300_000).ToArray();
        Task<Reply> first = _channel.SendAsync(new PacketBuilder(PacketType.Write), content);
        Task<Reply> second = _channel.SendAsync(new PacketBuilder(PacketType.Write), content);
        _serverReads.ReadExactly(new byte[9]);
        Answer(99, PacketType.Status, [0, 0, 0, 0]);
        await Assert.ThrowsAsync<StoreException>(() => first);
        await Assert.ThrowsAsync<StoreException>(() => second);
        Array.Fill(content, (byte)2);
        var sent = new byte[content.Length];
        _serverReads.ReadExactly(sent);
        Assert.DoesNotContain((byte)2, sent);

        // Nothing comes behind it: the pipe is closed once the channel has let go of it.
        _toServer.Dispose();
        Assert.Equal(-1, _serverReads.ReadByte());
        Assert.True(_isEnded);
    }

    [Fact]
    public async Task An_answer_to_a_request_that_was_not_sent_yet_is_none()
    {
        Task<Reply> first = _channel.SendAsync(new PacketBuilder(PacketType.Write), new byte[300_000]);
        Task<Reply> second = _channel.SendAsync(new PacketBuilder(PacketType.Write), new byte[300_000]);
        var request = new byte[9];
        _serverReads.ReadExactly(request);
        Answer(BinaryPrimitives.ReadUInt32BigEndian(request.AsSpan(5)) + 1, PacketType.Status, [0, 0, 0, 0]);
        await Assert.ThrowsAsync<StoreException>(() => second);
        await Assert.ThrowsAsync<StoreException>(() => first);
    }

    [Fact]
    public async Task A_server_that_goes_away_fails_what_is_under_way()
    {
        Task<Reply> answer = Send(out uint _);
        _serverWrites.Dispose();
        Assert.Equal(StoreErrorKind.Interrupted, (await Assert.ThrowsAsync<StoreException>(() => answer)).Kind);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0, 0, 0, 9 })]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 1 })]
    public void A_field_that_reaches_over_the_end_is_an_error(byte[] body) => Assert.Throws<InvalidDataException>(() =>
    {
        var reader = new PacketReader(body);
        _ = reader.String();
    });

    private Task<Reply> Send(out uint number, Memory<byte> destination = default)
    {
        Task<Reply> answer = _channel.SendAsync(new PacketBuilder(PacketType.Stat), destination: destination);
        var request = new byte[9];
        _serverReads.ReadExactly(request);
        number = BinaryPrimitives.ReadUInt32BigEndian(request.AsSpan(5));
        return answer;
    }

    private void Answer(uint number, PacketType type, byte[] body)
    {
        var head = new byte[9];
        BinaryPrimitives.WriteInt32BigEndian(head, body.Length + 5);
        head[4] = (byte)type;
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(5), number);
        _serverWrites.Write([.. head, .. body]);
    }
}
