namespace Godwit.Server.Queue;

/// <summary>
/// Which of the waiting transfers begins next. Links take turns; within a link, projects get turns by their shares, within a project priorities by
/// theirs (1, 2, 4, 8 and 16 turns), and among equals who came first is first. So nobody waits for ever, whatever others hand in: of the turns of a link, the
/// first transfer of a priority with weight w in a project with share s gets one of the next (S/s + n) times (31/w + 5), where S is the sum of the shares of the n
/// projects that wait there.
/// </summary>
/// <remarks>For one thread at a time. It neither waits nor knows a clock. A turn costs the same however many wait.</remarks>
/// <param name="placesOfEndpoint">Transfers of an endpoint at once, unless something else is said of it.</param>
public sealed class FairQueue(int placesOfEndpoint)
{
    /// <summary>How many priorities there are: 1 to 5.</summary>
    public const int Priorities = 5;

    private readonly Dictionary<string, EndpointPlaces> _endpoints = [];
    private readonly Dictionary<EndpointPair, LinkQueue> _links = [];
    private readonly Dictionary<string, int> _shares = [];
    private readonly Dictionary<string, LinkedListNode<WaitingTransfer>> _waiting = [];
    private readonly Dictionary<string, EndpointPair> _underWay = [];
    private readonly Queue<LinkQueue> _inTurn = new();

    /// <summary>How many transfers wait.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>How many transfers were taken and are not done.</summary>
    public int UnderWay => _underWay.Count;

    /// <summary>Puts a transfer in. One that is under way, or waits already with the same words, stays where it is.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The priority is none.</exception>
    public void Add(WaitingTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        ArgumentOutOfRangeException.ThrowIfLessThan(transfer.Priority, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(transfer.Priority, Priorities);
        if (_underWay.ContainsKey(transfer.Id) || (_waiting.TryGetValue(transfer.Id, out LinkedListNode<WaitingTransfer>? same) && same.Value == transfer))
        {
            return;
        }

        Remove(transfer.Id);
        LinkQueue link = LinkOf(transfer.Link);
        _waiting.Add(transfer.Id, link.Add(transfer));
        PutInTurn(link);
    }

    /// <summary>Takes up a transfer that had its turn before: it has its places, also where there are none left. One that is under way stays so.</summary>
    public void Resume(WaitingTransfer transfer)
    {
        ArgumentNullException.ThrowIfNull(transfer);
        Remove(transfer.Id);
        if (_underWay.TryAdd(transfer.Id, transfer.Link))
        {
            Count(LinkOf(transfer.Link), 1);
        }
    }

    /// <summary>Takes a transfer out that waits no more: it was cancelled or paused. Nothing of that id is no error.</summary>
    public void Remove(string id)
    {
        if (_waiting.Remove(id, out LinkedListNode<WaitingTransfer>? node))
        {
            _links[node.Value.Link].Remove(node);
        }
    }

    /// <summary>The transfer that begins now; null where none can.</summary>
    public WaitingTransfer? Take()
    {
        while (_inTurn.TryDequeue(out LinkQueue? link))
        {
            link.IsInTurn = false;
            if (MayBegin(link))
            {
                WaitingTransfer taken = link.Take();
                _waiting.Remove(taken.Id);
                _underWay.Add(taken.Id, taken.Link);
                Count(link, 1);
                PutInTurn(link);
                return taken;
            }
        }

        return null;
    }

    /// <summary>A transfer that was taken has ended, or waits again for something else: its places are free.</summary>
    public void Done(string id)
    {
        if (_underWay.Remove(id, out EndpointPair pair))
        {
            LinkQueue link = _links[pair];
            Count(link, -1);
            PutInTurn(link);
            link.Endpoints.ToList().ForEach(WakeOne);
        }
    }

    /// <summary>Sets how many transfers an endpoint may have at once. More that go on already, go on.</summary>
    public void LimitEndpoint(string endpoint, int transfers) => Change(endpoint, places => places.Limit = transfers);

    /// <summary>Lets nothing begin at an endpoint, or again.</summary>
    public void PauseEndpoint(string endpoint, bool isPaused) => Change(endpoint, places => places.IsPaused = isPaused);

    /// <summary>Sets how many transfers a link may have at once; null for as many as its endpoints bear.</summary>
    public void LimitLink(EndpointPair pair, int? transfers)
    {
        LinkQueue link = LinkOf(pair);
        link.Limit = transfers;
        PutInTurn(link);
    }

    /// <summary>Sets the share of a project among others of a link: 1 unless set.</summary>
    public void SetShare(string project, int share)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(share, 1);
        _shares[project] = share;
    }

    /// <summary>Sets the shares of all projects: 1 for those that are not named.</summary>
    public void SetShares(IReadOnlyDictionary<string, int> shares)
    {
        ArgumentNullException.ThrowIfNull(shares);
        _shares.Clear();
        foreach ((string project, int share) in shares)
        {
            SetShare(project, share);
        }
    }

    private bool MayBegin(LinkQueue link)
    {
        if (!link.Any || link.IsFull)
        {
            // It comes back when something is added or done. What it was called for, another one may use.
            link.Endpoints.ToList().ForEach(WakeOne);
            return false;
        }

        if (link.Endpoints.FirstOrDefault(endpoint => !endpoint.HasPlace) is { } full)
        {
            full.Refused.Enqueue(link);
            link.IsInTurn = true;
            link.Endpoints.Where(endpoint => endpoint != full).ToList().ForEach(WakeOne);
            return false;
        }

        return true;
    }

    private void PutInTurn(LinkQueue link)
    {
        if (link.Any && !link.IsFull && !link.IsInTurn)
        {
            link.IsInTurn = true;
            _inTurn.Enqueue(link);
        }
    }

    /// <summary>Somebody who found no place at an endpoint may look again.</summary>
    private void WakeOne(EndpointPlaces endpoint)
    {
        if (endpoint.HasPlace && endpoint.Refused.TryDequeue(out LinkQueue? link))
        {
            _inTurn.Enqueue(link);
        }
    }

    private void Change(string endpoint, Action<EndpointPlaces> change)
    {
        EndpointPlaces places = PlacesOf(endpoint);
        change(places);
        while (places.HasPlace && places.Refused.TryDequeue(out LinkQueue? link))
        {
            _inTurn.Enqueue(link);
        }
    }

    private static void Count(LinkQueue link, int change)
    {
        link.UnderWay += change;
        foreach (EndpointPlaces endpoint in link.Endpoints)
        {
            endpoint.UnderWay += change;
        }
    }

    private LinkQueue LinkOf(EndpointPair pair)
    {
        if (!_links.TryGetValue(pair, out LinkQueue? link))
        {
            _links.Add(pair, link = new LinkQueue(PlacesOf(pair.Source), PlacesOf(pair.Destination), project => _shares.GetValueOrDefault(project, 1)));
        }

        return link;
    }

    private EndpointPlaces PlacesOf(string endpoint)
    {
        if (!_endpoints.TryGetValue(endpoint, out EndpointPlaces? places))
        {
            _endpoints.Add(endpoint, places = new EndpointPlaces(placesOfEndpoint));
        }

        return places;
    }
}
