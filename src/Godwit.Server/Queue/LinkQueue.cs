namespace Godwit.Server.Queue;

/// <summary>What waits for one link: turns go to projects by their shares, within a project to priorities by theirs, and within a priority in the order in
/// which transfers came.</summary>
/// <param name="source">The one endpoint.</param>
/// <param name="destination">The other, or the same.</param>
/// <param name="weightOf">The share of a project.</param>
internal sealed class LinkQueue(EndpointPlaces source, EndpointPlaces destination, Func<string, int> weightOf)
{
    private readonly Dictionary<string, ProjectFlow> _projects = [];
    private readonly Flows<ProjectFlow> _waiting = new();

    /// <summary>The endpoints, each once.</summary>
    public IReadOnlyList<EndpointPlaces> Endpoints { get; } = source == destination ? [source] : [source, destination];

    /// <summary>Transfers of it at once; null for as many as its endpoints bear.</summary>
    public int? Limit { get; set; }

    /// <summary>Transfers of it that go on.</summary>
    public int UnderWay { get; set; }

    /// <summary>Whether it is among those that are asked in turn.</summary>
    public bool IsInTurn { get; set; }

    /// <summary>Whether a transfer waits.</summary>
    public bool Any => _waiting.Any;

    /// <summary>Whether it has all the transfers that it may have at once.</summary>
    public bool IsFull => UnderWay >= Limit;

    /// <summary>Puts a transfer behind the others of its project and priority.</summary>
    public LinkedListNode<WaitingTransfer> Add(WaitingTransfer transfer)
    {
        if (!_projects.TryGetValue(transfer.Project, out ProjectFlow? project))
        {
            _projects.Add(transfer.Project, project = new ProjectFlow());
        }

        project.Weight = weightOf(transfer.Project);
        bool isIdle = !project.Lanes.Any;
        LinkedListNode<WaitingTransfer> node = project.Add(transfer);
        if (isIdle)
        {
            _waiting.Add(project);
        }

        return node;
    }

    /// <summary>Takes a transfer out that need not wait any more.</summary>
    public void Remove(LinkedListNode<WaitingTransfer> node)
    {
        ProjectFlow project = _projects[node.Value.Project];
        project.Remove(node);
        if (!project.Lanes.Any)
        {
            _waiting.Remove(project);
        }
    }

    /// <summary>Takes the next transfer. One waits.</summary>
    public WaitingTransfer Take()
    {
        WaitingTransfer? taken = null;
        _waiting.Serve(project =>
        {
            project.Lanes.Serve(lane =>
            {
                taken = lane.Transfers.First!.Value;
                lane.Transfers.RemoveFirst();
                return lane.Transfers.Count > 0;
            });
            project.Weight = weightOf(taken!.Project);
            return project.Lanes.Any;
        });
        return taken!;
    }

    /// <summary>What a project has waiting.</summary>
    private sealed class ProjectFlow : Flow
    {
        private readonly Lane[] _lanes = [.. Enumerable.Range(0, FairQueue.Priorities).Select(lane => new Lane { Weight = 1 << lane })];

        /// <summary>Its priorities that have something waiting.</summary>
        public Flows<Lane> Lanes { get; } = new();

        public LinkedListNode<WaitingTransfer> Add(WaitingTransfer transfer)
        {
            Lane lane = _lanes[transfer.Priority - 1];
            if (lane.Transfers.Count == 0)
            {
                Lanes.Add(lane);
            }

            return lane.Transfers.AddLast(transfer);
        }

        public void Remove(LinkedListNode<WaitingTransfer> node)
        {
            Lane lane = _lanes[node.Value.Priority - 1];
            lane.Transfers.Remove(node);
            if (lane.Transfers.Count == 0)
            {
                Lanes.Remove(lane);
            }
        }
    }

    /// <summary>What waits with one priority.</summary>
    private sealed class Lane : Flow
    {
        public LinkedList<WaitingTransfer> Transfers { get; } = [];
    }
}
