using Godwit.Backends.Local;
using Godwit.Storage;

namespace Godwit.Tests.Backends.Local;

public sealed class LocalErrorsTests
{
    [Theory]
    [InlineData(1, StoreErrorKind.Forbidden, NextStep.GiveUp)]
    [InlineData(2, StoreErrorKind.NotFound, NextStep.GiveUp)]
    [InlineData(5, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(6, StoreErrorKind.Unsupported, NextStep.GiveUp)]
    [InlineData(11, StoreErrorKind.Unavailable, NextStep.RepeatCallLater)]
    [InlineData(12, StoreErrorKind.Unavailable, NextStep.RepeatCallLater)]
    [InlineData(13, StoreErrorKind.Forbidden, NextStep.GiveUp)]
    [InlineData(16, StoreErrorKind.Unavailable, NextStep.RepeatCallLater)]
    [InlineData(17, StoreErrorKind.AlreadyExists, NextStep.GiveUp)]
    [InlineData(18, StoreErrorKind.Unsupported, NextStep.GiveUp)]
    [InlineData(19, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(20, StoreErrorKind.Unsupported, NextStep.GiveUp)]
    [InlineData(21, StoreErrorKind.Unsupported, NextStep.GiveUp)]
    [InlineData(22, StoreErrorKind.InvalidRequest, NextStep.GiveUp)]
    [InlineData(23, StoreErrorKind.Unavailable, NextStep.RepeatCallLater)]
    [InlineData(24, StoreErrorKind.Unavailable, NextStep.RepeatCallLater)]
    [InlineData(25, StoreErrorKind.Unsupported, NextStep.GiveUp)]
    [InlineData(26, StoreErrorKind.Unavailable, NextStep.RepeatCallLater)]
    [InlineData(27, StoreErrorKind.InvalidRequest, NextStep.GiveUp)]
    [InlineData(28, StoreErrorKind.QuotaExceeded, NextStep.WaitForOperator)]
    [InlineData(30, StoreErrorKind.Forbidden, NextStep.GiveUp)]
    [InlineData(31, StoreErrorKind.QuotaExceeded, NextStep.WaitForOperator)]
    [InlineData(36, StoreErrorKind.InvalidRequest, NextStep.GiveUp)]
    [InlineData(38, StoreErrorKind.Unsupported, NextStep.GiveUp)]
    [InlineData(39, StoreErrorKind.Unsupported, NextStep.GiveUp)]
    [InlineData(40, StoreErrorKind.Unsupported, NextStep.GiveUp)]
    [InlineData(67, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(74, StoreErrorKind.Unavailable, NextStep.WaitForOperator)]
    [InlineData(84, StoreErrorKind.InvalidRequest, NextStep.GiveUp)]
    [InlineData(95, StoreErrorKind.Unsupported, NextStep.GiveUp)]
    [InlineData(104, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(107, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(108, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(110, StoreErrorKind.TimedOut, NextStep.RepeatCall)]
    [InlineData(111, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(112, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(113, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(116, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(117, StoreErrorKind.Unavailable, NextStep.WaitForOperator)]
    [InlineData(121, StoreErrorKind.Unavailable, NextStep.RepeatCall)]
    [InlineData(122, StoreErrorKind.QuotaExceeded, NextStep.WaitForOperator)]
    [InlineData(123, StoreErrorKind.Unavailable, NextStep.WaitForOperator)]
    [InlineData(126, StoreErrorKind.Unauthenticated, NextStep.RenewCredentials)]
    [InlineData(127, StoreErrorKind.Unauthenticated, NextStep.RenewCredentials)]
    [InlineData(128, StoreErrorKind.Unauthenticated, NextStep.RenewCredentials)]
    [InlineData(129, StoreErrorKind.Unauthenticated, NextStep.RenewCredentials)]
    public void An_error_number_has_its_kind_and_next_step(int number, StoreErrorKind kind, NextStep next)
    {
        StoreException error = LocalErrors.Translate(-number, "opened", StorePath.FromText("a/b"));
        Assert.Equal((kind, next, "a/b"), (error.Kind, error.Next, error.Path.ToString()));
        Assert.Contains(LocalErrors.Table[number].Name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_row_of_the_table_is_tested() =>
        Assert.Equal(
            typeof(LocalErrorsTests).GetMethod(nameof(An_error_number_has_its_kind_and_next_step))!
                .GetCustomAttributesData().Where(a => a.AttributeType == typeof(InlineDataAttribute))
                .Select(a => (int)((IReadOnlyList<System.Reflection.CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!)[0].Value!).Order(),
            LocalErrors.Table.Keys.Order());

    [Fact]
    public void A_number_that_is_not_known_is_unexpected_and_named() =>
        Assert.Equal(
            (StoreErrorKind.Unexpected, "\"x\" could not be read: an error that is not known here (errno 4095)."),
            LocalErrors.Translate(4095, "read", StorePath.FromText("x")) is var e ? (e.Kind, e.Message) : default);
}
