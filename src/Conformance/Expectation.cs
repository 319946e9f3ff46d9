namespace Conformance;

/// <summary>The expected end of a call.</summary>
internal static class Expectation
{
    /// <summary>The call must fail, with that code if one is given.</summary>
    public static Outcome Refusal(Answer answer, int? code = null)
    {
        if (!answer.Refused)
            return Outcome.Fail(answer.ToString());
        return code is null || answer.Code == code ? Outcome.Pass(answer.ToString()) : Outcome.Fail($"not code {code}: {answer}");
    }

    /// <summary>The call must succeed.</summary>
    public static Outcome Success(Answer answer) => answer.Succeeded ? Outcome.Pass() : Outcome.Fail(answer.ToString());
}
