using System.Globalization;
using Godwit.Server.Queue;

namespace Godwit.Tests.Server.Queue;

/// <summary>A queue to which anything happens, and what could begin as somebody says who looks at everything each time.</summary>
internal sealed class QueueTrial(Random random)
{
    private const int Usual = 2;

    private readonly Dictionary<string, WaitingTransfer> _waiting = [];
    private readonly Dictionary<string, WaitingTransfer> _underWay = [];
    private readonly Dictionary<string, int> _limits = [];
    private readonly HashSet<string> _paused = [];
    private readonly Dictionary<EndpointPair, int?> _links = [];
    private int _made;

    public FairQueue Queue { get; } = new(Usual);

    public void ChangeSomething()
    {
        string endpoint = Endpoint();
        EndpointPair link = new(Endpoint(), Endpoint());
        switch (random.Next(12))
        {
            case 0:
                _limits[endpoint] = random.Next(4);
                Queue.LimitEndpoint(endpoint, _limits[endpoint]);
                break;
            case 1:
                bool isPaused = _paused.Add(endpoint) || !_paused.Remove(endpoint);
                Queue.PauseEndpoint(endpoint, isPaused);
                break;
            case 2:
                _links[link] = random.Next(3) is > 0 and { } most ? most : null;
                Queue.LimitLink(link, _links[link]);
                break;
            case 3 when _waiting.Count > 0:
                string gone = _waiting.Keys.ElementAt(random.Next(_waiting.Count));
                _waiting.Remove(gone);
                Queue.Remove(gone);
                break;
            case < 8:
                string id = (++_made).ToString(CultureInfo.InvariantCulture);
                _waiting.Add(id, new WaitingTransfer(id, link, $"p{random.Next(3)}", 1 + random.Next(FairQueue.Priorities)));
                Queue.Add(_waiting[id]);
                break;
            default:
                if (_underWay.Count > 0)
                {
                    string done = _underWay.Keys.ElementAt(random.Next(_underWay.Count));
                    _underWay.Remove(done);
                    Queue.Done(done);
                }

                break;
        }
    }

    public void Begin(WaitingTransfer taken)
    {
        Assert.True(MayBegin(taken), $"{taken} began beyond a limit");
        Assert.True(_waiting.Remove(taken.Id));
        _underWay.Add(taken.Id, taken);
    }

    public void RequireNoneCouldBegin()
    {
        Assert.DoesNotContain(_waiting.Values, MayBegin);
        Assert.Equal((_waiting.Count, _underWay.Count), (Queue.Waiting, Queue.UnderWay));
    }

    private bool MayBegin(WaitingTransfer one) =>
        HasPlace(one.Link.Source) && HasPlace(one.Link.Destination)
        && !(_underWay.Values.Count(other => other.Link == one.Link) >= _links.GetValueOrDefault(one.Link));

    private bool HasPlace(string endpoint) => !_paused.Contains(endpoint)
        && _underWay.Values.Count(one => one.Link.Source == endpoint || one.Link.Destination == endpoint) < _limits.GetValueOrDefault(endpoint, Usual);

    private string Endpoint() => $"e{random.Next(5)}";
}
