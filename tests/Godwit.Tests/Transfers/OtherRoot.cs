using System.Reflection;
using Godwit.Storage;

namespace Godwit.Tests.Transfers;

/// <summary>A store that says that it is another directory of the same space, as one behind a mount does.</summary>
public class OtherRoot : DispatchProxy
{
    private IStore _store = null!;
    private StorePath _root;

    internal static IStore Of(IStore store, StorePath root)
    {
        IStore proxy = Create<IStore, OtherRoot>();
        ((OtherRoot)proxy)._store = store;
        ((OtherRoot)proxy)._root = root;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == "get_" + nameof(IStore.Identity))
        {
            return new StoreIdentity(_store.Identity.Scheme, _store.Identity.Authority, _root);
        }

        try
        {
            return targetMethod.Invoke(_store, args);
        }
        catch (TargetInvocationException e) when (e.InnerException is { } inner)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }
}
