using CniCore.Linux.Nftables;
using CniCore.Spec;

namespace CniCore.Plugins.Rules;

/// <summary>What goes by nft's language: the table the first time, rules, and what stands in the way.</summary>
internal sealed partial class RuleTable
{
    /// <summary>The commands that make it.</summary>
    public string Definition => $"create table {name}\ntable {name} {{\n{rules}\n}}\n";

    /// <summary>STATUS of those who need nftables.</summary>
    /// <exception cref="CniPluginException">Code 50: it does not work here.</exception>
    public static void ThrowIfUnavailable()
    {
        try
        {
            using var nft = Nftables.Open();
            nft.Query("list tables");
        }
        catch (NftablesException fault)
        {
            throw new CniPluginException(CniErrorCode.NotAvailable, "nftables cannot be used", fault.Message, fault);
        }
    }

    /// <summary>Whether a transaction failed because a key is there already.</summary>
    public static bool IsTaken(NftablesException fault) => fault.Message.Contains("File exists", StringComparison.Ordinal);

    private List<RuleElement> AddByNft(IReadOnlyList<RuleElement> elements, Func<RuleElement, bool> displaces, string before)
    {
        var commands = before + string.Concat(elements.Select(element => $"create element {name} {element.Set} {{ {element.Text} }}\n"));
        using var nft = Nftables.Open();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                if (!Exists() && TryRun(nft, Definition + commands))
                {
                    Remember();
                    return [];
                }
                nft.Run(commands);
                return [];
            }
            catch (NftablesException fault) when (IsMissing(fault) && attempt < Attempts)
            {
                // It went meanwhile.
            }
            catch (NftablesException fault) when (IsTaken(fault) && attempt < Attempts)
            {
                var old = Elements().Where(displaces).ToList();
                if (old.Count == 0)
                    throw;
                if (TryRun(nft, Deletes(old) + commands))
                    return old;
                attempt = Math.Max(attempt, Attempts - 2); // what is in the way now hardly goes away by itself
            }
        }
    }

    // Emptied first: another process may have made it since.
    private string Definitions(IReadOnlyDictionary<string, string>? chains) => string.Concat((chains ?? new Dictionary<string, string>()).Select(chain =>
        $"add chain {name} {chain.Key}\nflush chain {name} {chain.Key}\n" + string.Concat(chain.Value.Split('\n').Select(rule => $"add rule {name} {chain.Key} {rule}\n"))));

    private string Deletes(IReadOnlyList<RuleElement> elements)
    {
        var chains = elements.Select(element => element.OwnChain).OfType<string>().Distinct(StringComparer.Ordinal);
        return string.Concat(elements.Select(element => $"delete element {name} {element.Set} {{ {element.Key} }}\n"))
            + string.Concat(chains.Select(chain => $"flush chain {name} {chain}\ndelete chain {name} {chain}\n"));
    }

    // False: another process changed the table meanwhile, or it is not there.
    private static bool TryRun(Nftables nft, string commands)
    {
        try
        {
            if (commands.Length > 0)
                nft.Run(commands);
            return true;
        }
        catch (NftablesException fault) when (IsTaken(fault) || IsMissing(fault) || fault.Message.Contains("resource busy", StringComparison.Ordinal))
        {
            return false;
        }
    }

    private static bool IsMissing(NftablesException fault) => fault.Message.Contains("No such file or directory", StringComparison.Ordinal);
}
